/* Bicubic sampling of a plane through a window at any sub-pixel place: `frames.Still` in one pass over the memory.
 *
 * cv2.resize places its window on whole pixels and needs an intermediate picture; this places it anywhere and writes
 * bytes straight into the encoder's frame, in about a third of the time. It is built where there is a C compiler and
 * used where the processor has AVX2; everywhere else `frames` does the same with OpenCV.
 *
 * Kernel: cubic convolution with a = -0.75 (R. Keys, 1981, equation 15), as OpenCV's INTER_CUBIC. Source samples are
 * signed 16-bit integers, code values times 64; a row is first mixed out of four (coefficients in Q15), then each pixel
 * out of four columns of that row. Nothing is rounded to a code value before the very end.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_KERNEL 1
#define AVX2 __attribute__((target("avx2")))
#else
#define HAVE_KERNEL 0
#endif

#define TAPS 4
#define ONE 32768
/* Q15 times the source's factor of 64. */
#define SHIFT (15 + 6)

typedef struct {
    const int16_t *cells;
    Py_ssize_t stride, height, width; /* in samples */
} Source;

typedef struct {
    int32_t *first;  /* the first of four source samples */
    int16_t *weights; /* four of each */
} Axis;

static double keys(double distance) {
    const double a = -0.75, d = fabs(distance);
    if (d <= 1.0) return ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0;
    if (d < 2.0) return ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a;
    return 0.0;
}

/* Where each of `count` pixels looks: their centres lie at start + (n + 0.5) * scale - 0.5. -1 if outside `limit`. */
static int look(Axis axis, Py_ssize_t count, double start, double scale, Py_ssize_t limit) {
    for (Py_ssize_t n = 0; n < count; n++) {
        const double place = start + ((double)n + 0.5) * scale - 0.5, whole = floor(place), part = place - whole;
        const double first = whole - 1.0;
        if (!(first >= 0.0 && first + TAPS <= (double)limit)) return -1;
        axis.first[n] = (int32_t)first;
        int32_t weights[TAPS], sum = 0, largest = part < 0.5 ? 1 : 2;
        for (int tap = 0; tap < TAPS; tap++) {
            weights[tap] = (int32_t)lround(keys((double)(tap - 1) - part) * ONE);
            sum += weights[tap];
        }
        weights[largest] += ONE - sum; /* flat areas stay what they are */
        for (int tap = 0; tap < TAPS; tap++)
            axis.weights[n * TAPS + tap] = (int16_t)(weights[tap] < ONE ? weights[tap] : ONE - 1);
    }
    return 0;
}

#if HAVE_KERNEL
AVX2 static void mix_rows(const int16_t *rows, Py_ssize_t stride, const int16_t *w, int16_t *out, Py_ssize_t count) {
    const __m256i w0 = _mm256_set1_epi16(w[0]), w1 = _mm256_set1_epi16(w[1]);
    const __m256i w2 = _mm256_set1_epi16(w[2]), w3 = _mm256_set1_epi16(w[3]);
    Py_ssize_t n = 0;
#define ROW(k) _mm256_loadu_si256((const __m256i *)(rows + (k) * stride + n))
    for (; n + 16 <= count; n += 16) {
        const __m256i a = _mm256_add_epi16(_mm256_mulhrs_epi16(ROW(0), w0), _mm256_mulhrs_epi16(ROW(1), w1));
        const __m256i b = _mm256_add_epi16(_mm256_mulhrs_epi16(ROW(2), w2), _mm256_mulhrs_epi16(ROW(3), w3));
        _mm256_storeu_si256((__m256i *)(out + n), _mm256_add_epi16(a, b));
    }
#undef ROW
    for (; n < count; n++) {
        int32_t sum = 0;
        for (int tap = 0; tap < TAPS; tap++) sum += (rows[tap * stride + n] * w[tap] + ONE / 2) >> 15;
        out[n] = (int16_t)sum;
    }
}

/* Eight pixels as 32-bit sums, in order. `w` are their weights in the order 0 1 4 5 2 3 6 7. */
AVX2 static inline __m256i eight(const int16_t *row, const int32_t *at, const int16_t *w) {
#define CELL(n) _mm_loadl_epi64((const __m128i *)(row + at[n]))
#define PAIR(a, b) _mm_unpacklo_epi64(CELL(a), CELL(b))
    const __m256i first = _mm256_inserti128_si256(_mm256_castsi128_si256(PAIR(0, 1)), PAIR(4, 5), 1);
    const __m256i second = _mm256_inserti128_si256(_mm256_castsi128_si256(PAIR(2, 3)), PAIR(6, 7), 1);
#undef PAIR
#undef CELL
    const __m256i a = _mm256_madd_epi16(first, _mm256_loadu_si256((const __m256i *)w));
    const __m256i b = _mm256_madd_epi16(second, _mm256_loadu_si256((const __m256i *)(w + 16)));
    const __m256i sums = _mm256_add_epi32(_mm256_hadd_epi32(a, b), _mm256_set1_epi32(1 << (SHIFT - 1)));
    return _mm256_srai_epi32(sums, SHIFT);
}

AVX2 static void mix_columns(const int16_t *row, const int32_t *at, const int16_t *w, uint8_t *out, Py_ssize_t count) {
    Py_ssize_t n = 0;
    for (; n + 16 <= count; n += 16) {
        const __m256i low = eight(row, at + n, w + TAPS * n), high = eight(row, at + n + 8, w + TAPS * (n + 8));
        const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
        const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
        _mm_storeu_si128((__m128i *)(out + n), bytes);
    }
    for (; n < count; n++) {
        int32_t sum = 1 << (SHIFT - 1);
        for (int tap = 0; tap < TAPS; tap++) sum += row[at[n] + tap] * w[TAPS * n + tap];
        sum >>= SHIFT;
        out[n] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

/* Puts the weights of each whole group of sixteen pixels into the order `eight` reads them in. */
static void in_reading_order(int16_t *weights, Py_ssize_t count) {
    static const int order[8] = {0, 1, 4, 5, 2, 3, 6, 7};
    for (Py_ssize_t n = 0; n + 8 <= count / 16 * 16; n += 8) {
        int16_t kept[8 * TAPS];
        for (int p = 0; p < 8 * TAPS; p++) kept[p] = weights[n * TAPS + p];
        for (int p = 0; p < 8; p++)
            for (int tap = 0; tap < TAPS; tap++) weights[(n + p) * TAPS + tap] = kept[order[p] * TAPS + tap];
    }
}

static void sample(Source from, Axis across, Axis down, int16_t *row, uint8_t *out, Py_ssize_t stride,
                   Py_ssize_t height, Py_ssize_t width) {
    const int32_t left = across.first[0];
    const Py_ssize_t columns = across.first[width - 1] + TAPS - left;
    for (Py_ssize_t n = 0; n < width; n++) across.first[n] -= left;
    in_reading_order(across.weights, width);
    for (Py_ssize_t y = 0; y < height; y++) {
        mix_rows(from.cells + down.first[y] * from.stride + left, from.stride, down.weights + TAPS * y, row, columns);
        mix_columns(row, across.first, across.weights, out + y * stride, width);
    }
}
#endif

static int usable(const Py_buffer *view, Py_ssize_t size, const char *what) {
    if (view->ndim == 2 && view->itemsize == size && view->strides[1] == size && view->shape[0] > 0 &&
        view->shape[1] > 0 && view->strides[0] >= view->shape[1] * size)
        return 1;
    PyErr_Format(PyExc_ValueError, "%s must be a plane of %zd-byte samples whose rows are whole in memory", what, size);
    return 0;
}

static PyObject *window(Py_buffer *plane, Py_buffer *out, double x, double y, double scale) {
#if HAVE_KERNEL
    if (!usable(plane, 2, "the plane") || !usable(out, 1, "the picture")) return NULL;
    const Py_ssize_t height = out->shape[0], width = out->shape[1];
    const Source from = {plane->buf, plane->strides[0] / 2, plane->shape[0], plane->shape[1]};
    /* One piece of memory: both axes' places, their weights, and a row (never wider than the plane). */
    const size_t places = (size_t)(height + width);
    int32_t *room = PyMem_Malloc(places * (sizeof(int32_t) + TAPS * sizeof(int16_t)) + from.width * sizeof(int16_t));
    if (room == NULL) return PyErr_NoMemory();
    int16_t *weights = (int16_t *)(room + places);
    const Axis across = {room, weights}, down = {room + width, weights + TAPS * width};
    const int inside = look(across, width, x, scale, from.width) == 0 && look(down, height, y, scale, from.height) == 0;
    if (inside) {
        Py_BEGIN_ALLOW_THREADS;
        sample(from, across, down, weights + TAPS * places, out->buf, out->strides[0], height, width);
        Py_END_ALLOW_THREADS;
    } else {
        PyErr_SetString(PyExc_ValueError, "the window reaches beyond the plane");
    }
    PyMem_Free(room);
    if (!inside) return NULL;
    Py_RETURN_NONE;
#else
    PyErr_SetString(PyExc_NotImplementedError, "there is no kernel for this processor");
    return NULL;
#endif
}

static PyObject *scale_window(PyObject *module, PyObject *args) {
    PyObject *source, *target, *result = NULL;
    double x, y, scale;
    Py_buffer plane, out;
    if (!PyArg_ParseTuple(args, "OdddO:window", &source, &x, &y, &scale, &target)) return NULL;
    if (!(scale > 0.0)) {
        PyErr_SetString(PyExc_ValueError, "the scale must be above 0");
        return NULL;
    }
    if (PyObject_GetBuffer(source, &plane, PyBUF_STRIDED_RO) != 0) return NULL;
    if (PyObject_GetBuffer(target, &out, PyBUF_STRIDED | PyBUF_WRITABLE) == 0) {
        result = window(&plane, &out, x, y, scale);
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&plane);
    return result;
}

static PyObject *works_here(PyObject *module, PyObject *unused) {
#if HAVE_KERNEL
    return PyBool_FromLong(__builtin_cpu_supports("avx2"));
#else
    Py_RETURN_FALSE;
#endif
}

static PyMethodDef METHODS[] = {
    {"window", scale_window, METH_VARARGS,
     "window(plane, x, y, scale, out): writes what a window of `out`'s size shows of `plane`, its corner at (x, y) and "
     "`scale` source pixels to a pixel. Raises ValueError where it would reach beyond the plane."},
    {"works_here", works_here, METH_NOARGS, "Whether this processor can run it."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_scale", "Bicubic windows into planes.", -1, METHODS,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scale(void) { return PyModule_Create(&MODULE); }
