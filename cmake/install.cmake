# What find_package(centerdecode) finds, in a prefix of its own or in the wheel.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

if(SKBUILD)  # the wheel is its own prefix, whatever the system calls its folders
  set(root centerdecode/)
  set(CMAKE_INSTALL_INCLUDEDIR include)
  set(CMAKE_INSTALL_LIBDIR lib)
  set(namelink NAMELINK_SKIP)  # wheels have no links
endif()
set(include_dir "${root}${CMAKE_INSTALL_INCLUDEDIR}")
set(library_dir "${root}${CMAKE_INSTALL_LIBDIR}")
set(package_dir "${library_dir}/cmake/centerdecode")

install(TARGETS centerdecode_core centerdecode_c EXPORT centerdecodeTargets
  ARCHIVE DESTINATION "${library_dir}"
  LIBRARY DESTINATION "${library_dir}" ${namelink}
  INCLUDES DESTINATION "${include_dir}")
install(DIRECTORY cpp/include/ cpp/capi/include/ DESTINATION "${include_dir}")
install(EXPORT centerdecodeTargets NAMESPACE centerdecode:: DESTINATION "${package_dir}")

configure_package_config_file(cmake/centerdecodeConfig.cmake.in
  "${PROJECT_BINARY_DIR}/centerdecodeConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/centerdecodeConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/centerdecodeConfig.cmake"
  "${PROJECT_BINARY_DIR}/centerdecodeConfigVersion.cmake"
  DESTINATION "${package_dir}")
