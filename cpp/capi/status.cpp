#include "status.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <string_view>

namespace capi {
namespace {

// The bytes of UTF-8's character that a text begins with; 0: it is none of UTF-8.
std::size_t size_of_character(const char* text) noexcept {
    struct Form {
        unsigned mask, lead, least;
    };
    constexpr std::array<Form, 4> forms{
        {{0x80, 0, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}}};
    const auto byte = [&](std::size_t i) -> unsigned {
        return static_cast<unsigned char>(text[i]);
    };
    std::size_t last = 0;
    while (last < forms.size() && (byte(0) & forms[last].mask) != forms[last].lead) ++last;
    if (last == forms.size()) return 0;
    unsigned code = byte(0) & ~forms[last].mask;
    for (std::size_t i = 1; i <= last; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < forms[last].least || code > 0x10FFFF || is_surrogate ? 0 : last + 1;
}

// "\xff"
std::array<char, 4> escaped(char byte) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    const unsigned number = static_cast<unsigned char>(byte);
    return {'\\', 'x', digits[number >> 4U], digits[number & 0xFU]};
}

}  // namespace

void Message::write(const char* what) const noexcept {
    if (text == nullptr || size == 0) return;
    std::size_t used = 0;
    while (*what != '\0') {
        const std::size_t character = size_of_character(what);
        const std::array<char, 4> escape = escaped(*what);
        const std::size_t room = character == 0 ? escape.size() : character;
        if (room >= size - used) break;
        std::copy_n(character == 0 ? escape.data() : what, room, text + used);
        used += room;
        what += std::max<std::size_t>(character, 1);
    }
    text[used] = '\0';
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
