// Asks the CPU, and holds the one active table.
#include <centerdecode/isa.hpp>

#include "peaks/isa_table.hpp"

#ifdef CENTERDECODE_HAVE_AVX2
#include <cpuid.h>
#endif

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace centerdecode {
namespace {

#ifdef CENTERDECODE_HAVE_AVX2
// Not every compiler's __builtin_cpu_supports knows this one.
bool has_f16c() noexcept {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

struct Candidate {
    const kernels::Table* table;
    bool (*runs_here)() noexcept;
};

// Best first. The last entry always runs.
constexpr Candidate candidates[] = {
#ifdef CENTERDECODE_HAVE_AVX512
    {&kernels::avx512,
     []() noexcept {
         return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;
     }},
#endif
#ifdef CENTERDECODE_HAVE_AVX2
    {&kernels::avx2,
     []() noexcept {
         return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
                __builtin_cpu_supports("bmi2") != 0 && has_f16c();
     }},
#endif
#ifdef CENTERDECODE_HAVE_NEON
    {&kernels::neon, []() noexcept { return true; }},  // part of the AArch64 baseline
#endif
    {&kernels::scalar, []() noexcept { return true; }},
};

const kernels::Table& table_named(const std::string& name, const char* who = "") {
    std::string known;
    for (const Candidate& candidate : candidates) {
        if (!candidate.runs_here()) continue;
        if (name == candidate.table->name) return *candidate.table;
        known += std::string(" ") + candidate.table->name;
    }
    throw std::invalid_argument(std::string(who) + "isa '" + name +
                                "' does not run here; these do:" + known);
}

const kernels::Table* chosen_at_start() {
    const char* wanted = std::getenv("CENTERDECODE_ISA");
    if (wanted != nullptr && *wanted != '\0') return &table_named(wanted, "CENTERDECODE_ISA: ");
    for (const Candidate& candidate : candidates)
        if (candidate.runs_here()) return candidate.table;
    return &kernels::scalar;
}

std::atomic<const kernels::Table*>& active() {
    static std::atomic<const kernels::Table*> table{chosen_at_start()};
    return table;
}

}  // namespace

const kernels::Table& active_table() { return *active().load(std::memory_order_relaxed); }

std::string active_isa() { return active_table().name; }

void set_isa(const std::string& name) { active().store(&table_named(name)); }

std::vector<std::string> supported_isas() {
    std::vector<std::string> names;
    for (const Candidate& candidate : candidates)
        if (candidate.runs_here()) names.emplace_back(candidate.table->name);
    return names;
}

std::vector<std::string> compiled_isas() {
    std::vector<std::string> names;
    for (const Candidate& candidate : candidates) names.emplace_back(candidate.table->name);
    return names;
}

}  // namespace centerdecode
