#include "status.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>

namespace capi {
namespace {

// A text is not cut within a character of UTF-8.
std::size_t whole_characters(const char* text, std::size_t size) noexcept {
    constexpr unsigned continuation = 0x80U;
    const auto continues = [&](std::size_t i) {
        return (static_cast<unsigned char>(text[i]) & 0xC0U) == continuation;
    };
    while (size > 0 && continues(size)) --size;
    return size;
}

}  // namespace

void Message::write(const char* what) const noexcept {
    if (text == nullptr || size == 0) return;
    const std::size_t length = std::strlen(what);
    const std::size_t kept = length < size ? length : whole_characters(what, size - 1);
    std::memcpy(text, what, kept);
    text[kept] = '\0';
}

centerdecode_status report(const Message& message, centerdecode_status of_invalid) noexcept {
    const auto fail = [&](centerdecode_status status, const char* what) {
        message.write(what);
        return status;
    };
    try {
        throw;
    } catch (const Failure& failure) {
        return fail(failure.status(), failure.what());
    } catch (const std::invalid_argument& error) {
        return fail(of_invalid, error.what());
    } catch (const std::length_error&) {
        return fail(CENTERDECODE_NO_MEMORY, "there is not enough memory");
    } catch (const std::logic_error& error) {
        return fail(CENTERDECODE_INVALID_ARGUMENT, error.what());
    } catch (const std::bad_alloc&) {
        return fail(CENTERDECODE_NO_MEMORY, "there is not enough memory");
    } catch (const std::exception& error) {
        return fail(CENTERDECODE_INTERNAL, error.what());
    } catch (...) {
        return fail(CENTERDECODE_INTERNAL, "an unknown exception");
    }
}

void require(bool holds, const char* rule) {
    if (!holds) throw Failure(CENTERDECODE_INVALID_ARGUMENT, rule);
}

void require_size(const char* type, std::size_t struct_size, std::size_t expected) {
    if (struct_size == expected) return;
    throw Failure(CENTERDECODE_INVALID_STRUCT, std::string("struct_size of ") + type + " must be " +
                                                   std::to_string(expected) + ", got " +
                                                   std::to_string(struct_size));
}

}  // namespace capi
