// What is left of pairs once centers have a say, in one call for each image: behind a scan,
// which leaves nothing of NumPy in the cache, its many small calls take long.
#include <centerdecode/triplets.hpp>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

namespace py = pybind11;
using namespace centerdecode;

namespace {

using Floats = py::array_t<float, py::array::c_style>;
using Ints = py::array_t<std::int32_t, py::array::c_style>;

void require_rows(py::ssize_t rows, py::ssize_t numbers, py::ssize_t others) {
    if (numbers == rows && others == rows) return;
    throw py::value_error("boxes and centers must have as many numbers as scores");
}

// The new score of every box; -1 where no center lies in its region.
py::array_t<float> rescore_by_centers(const Floats& xyxy, const Floats& scores,
                                      const Ints& class_ids, const Floats& points,
                                      const Floats& point_scores, const Ints& point_class_ids,
                                      double area_limit) {
    const py::ssize_t n = scores.size();
    const py::ssize_t m = point_scores.size();
    require_rows(4 * n, xyxy.size(), 4 * class_ids.size());
    require_rows(2 * m, points.size(), 2 * point_class_ids.size());
    const Centers centers{points.data(), point_scores.data(), point_class_ids.data(),
                          static_cast<std::size_t>(m)};
    py::array_t<float> rescored(n);
    for (py::ssize_t i = 0; i < n; ++i)
        rescored.mutable_data()[i] = rescore_by_center(xyxy.data() + 4 * i, scores.data()[i],
                                                       class_ids.data()[i], centers, area_limit);
    return rescored;
}

using PairArrays = std::tuple<Floats, Floats, Ints, Floats>;  // as decode_pairs gives them
using CenterArrays = std::tuple<Floats, Floats, Ints>;

// The centers of an image and of its mirror image, one list after the other.
struct JoinedCenters {
    std::vector<float> points;
    std::vector<float> scores;
    std::vector<std::int32_t> class_ids;

    explicit JoinedCenters(const std::vector<CenterArrays>& parts) {
        for (const auto& [own_points, own_scores, own_class_ids] : parts) {
            require_rows(2 * own_scores.size(), own_points.size(), 2 * own_class_ids.size());
            points.insert(points.end(), own_points.data(), own_points.data() + own_points.size());
            scores.insert(scores.end(), own_scores.data(), own_scores.data() + own_scores.size());
            class_ids.insert(class_ids.end(), own_class_ids.data(),
                             own_class_ids.data() + own_class_ids.size());
        }
    }

    Centers view() const noexcept {
        return {points.data(), scores.data(), class_ids.data(), scores.size()};
    }
};

// xyxy, scores, class_ids and corner_scores of the objects of one image, at most `most`.
py::tuple join_pairs(const std::vector<PairArrays>& parts,
                     const std::optional<std::vector<CenterArrays>>& centers, double area_limit,
                     float least, std::size_t most) {
    std::vector<Pairs> pairs;
    for (const auto& [xyxy, scores, class_ids, corner_scores] : parts) {
        require_rows(4 * scores.size(), xyxy.size(), 4 * class_ids.size());
        require_rows(2 * scores.size(), corner_scores.size(), corner_scores.size());
        pairs.push_back({xyxy.data(), scores.data(), class_ids.data(),
                         static_cast<std::size_t>(scores.size())});
    }
    const JoinedCenters joined(centers.value_or(std::vector<CenterArrays>{}));
    const Centers view = joined.view();
    std::vector<PairedObject> objects;
    rank_objects(pairs, centers ? &view : nullptr, area_limit, least, objects);

    const auto n = static_cast<py::ssize_t>(std::min(objects.size(), most));
    py::array_t<float> xyxy({n, py::ssize_t{4}});
    py::array_t<float> scores(n);
    py::array_t<std::int32_t> class_ids(n);
    py::array_t<float> corner_scores({n, py::ssize_t{2}});
    for (py::ssize_t i = 0; i < n; ++i) {
        const PairedObject& object = objects[static_cast<std::size_t>(i)];
        const Pairs& own = pairs[object.part];
        const float* corners = std::get<3>(parts[object.part]).data() + 2 * object.row;
        std::copy_n(own.xyxy + 4 * object.row, 4, xyxy.mutable_data() + 4 * i);
        scores.mutable_data()[i] = object.score;
        class_ids.mutable_data()[i] = own.class_ids[object.row];
        std::copy_n(corners, 2, corner_scores.mutable_data() + 2 * i);
    }
    return py::make_tuple(xyxy, scores, class_ids, corner_scores);
}

}  // namespace

void bind_joined_pairs(py::module_& m) {
    m.def("join_pairs", &join_pairs);
    m.def("rescore_by_centers", &rescore_by_centers);
}
