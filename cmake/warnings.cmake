# What every target of ours is compiled with.

option(CENTERDECODE_WERROR "Turn warnings into errors" OFF)
set(CENTERDECODE_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=")

# Without contraction a * b + c rounds the same on every machine; without it
# FMA would make two CPUs disagree in the last bit of a coordinate.
function(strict_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -ffp-contract=off)
  if(CENTERDECODE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(CENTERDECODE_SANITIZE)
    target_compile_options(${target} PUBLIC
      -fsanitize=${CENTERDECODE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${CENTERDECODE_SANITIZE})
  endif()
endfunction()
