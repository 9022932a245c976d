# The only file that knows a machine flag.
#
# add_isa_kernels(<target> avx2 -mavx2) compiles cpp/src/kernels/avx2.cpp with
# -mavx2 and defines CENTERDECODE_HAVE_AVX2 for the target: a promise to the
# dispatcher that the linker will find kernels::avx2.
function(add_isa_kernels target isa)
  set(source "${PROJECT_SOURCE_DIR}/cpp/src/kernels/${isa}.cpp")
  target_sources(${target} PRIVATE "${source}")
  set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "${ARGN}")
  string(TOUPPER "${isa}" name)
  target_compile_definitions(${target} PRIVATE CENTERDECODE_HAVE_${name})
endfunction()

function(add_isa_kernels_of_this_processor target)
  add_isa_kernels(${target} scalar)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_isa_kernels(${target} avx2 -mavx2 -mf16c -mbmi -mbmi2)
    # g++ 12 warns inside its own AVX-512 header (GCC bug 105593).
    add_isa_kernels(${target} avx512 -mavx512f -mavx512bw -Wno-maybe-uninitialized
                    -Wno-uninitialized)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    add_isa_kernels(${target} neon)
  endif()
endfunction()
