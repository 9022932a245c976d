// What happens to exceptions at the door: none leaves.
#pragma once

#include "centerdecode.h"

#include <cstddef>
#include <exception>
#include <string>
#include <utility>

namespace capi {

// A status of its own, and what is wrong.
class Failure : public std::exception {
public:
    Failure(centerdecode_status status, std::string message)
        : status_(status), message_(std::move(message)) {}

    centerdecode_status status() const noexcept { return status_; }
    const char* what() const noexcept override { return message_.c_str(); }

private:
    centerdecode_status status_;
    std::string message_;
};

// Where a message goes; nobody need want it. It comes whole characters long, as UTF-8.
struct Message {
    char* text;
    std::size_t size;

    void write(const char* what) const noexcept;
};

// The status of the exception that is being handled, whose message is written.
centerdecode_status report(const Message& message, centerdecode_status of_invalid) noexcept;

// Runs `body`. of_invalid: what std::invalid_argument means there.
template <class Body>
centerdecode_status run(const Message& message, centerdecode_status of_invalid,
                        const Body& body) noexcept {
    message.write("");
    try {
        body();
        return CENTERDECODE_OK;
    } catch (...) {
        return report(message, of_invalid);
    }
}

// Throws Failure.
void require(bool holds, const char* rule);
void require_size(const char* type, std::size_t struct_size, std::size_t expected);

}  // namespace capi
