# What find_package(centerdecode) finds, in a prefix of its own or in the wheel.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

if(SKBUILD)  # the prefix is the package's folder, whatever the system calls its own
  set(CMAKE_INSTALL_INCLUDEDIR include)
  set(CMAKE_INSTALL_LIBDIR lib)
  set(namelink NAMELINK_SKIP)  # wheels have no links
endif()
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/centerdecode")

install(TARGETS centerdecode_core centerdecode_c EXPORT centerdecodeTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" ${namelink}
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY cpp/include/ cpp/capi/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT centerdecodeTargets NAMESPACE centerdecode:: DESTINATION "${package_dir}")

configure_package_config_file(cmake/centerdecodeConfig.cmake.in
  "${PROJECT_BINARY_DIR}/centerdecodeConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/centerdecodeConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/centerdecodeConfig.cmake"
  "${PROJECT_BINARY_DIR}/centerdecodeConfigVersion.cmake"
  DESTINATION "${package_dir}")
