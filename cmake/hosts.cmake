# Libraries that other programs load by their path. They stand on the C interface alone,
# and find it in their own folder.
function(add_host host)
  set(target centerdecode_${host})
  add_library(${target} MODULE cpp/hosts/handle.cpp ${ARGN})
  target_compile_features(${target} PRIVATE cxx_std_17)
  target_link_libraries(${target} PRIVATE centerdecode_c ${CMAKE_DL_LIBS})
  set(exports "${PROJECT_SOURCE_DIR}/cpp/hosts/${host}/exports.map")
  target_link_options(${target} PRIVATE "-Wl,--version-script=${exports}")
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN" LINK_DEPENDS "${exports}")
  strict_warnings(${target})
  install(TARGETS ${target} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endfunction()

add_host(ovms cpp/hosts/ovms/custom_node.cpp cpp/hosts/ovms/node.cpp cpp/hosts/ovms/options.cpp
         cpp/hosts/ovms/outputs.cpp)

add_host(dlstreamer cpp/hosts/dlstreamer/convert.cpp cpp/hosts/dlstreamer/detections.cpp
         cpp/hosts/dlstreamer/gst.cpp)
# DL Streamer opens and closes it around every frame. Staying costs nothing, as it keeps
# nothing between calls, and spares the loading.
target_link_options(centerdecode_dlstreamer PRIVATE -Wl,-z,nodelete)
