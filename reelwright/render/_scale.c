/* Bicubic sampling of a plane through a window at any sub-pixel place: `frames.Still` in one pass over the memory.
 *
 * cv2.resize places its window on whole pixels and needs an intermediate picture; this places it anywhere and writes
 * bytes straight into the encoder's frame, in about a quarter of the time. It is built where there is a C compiler and
 * used where the processor has AVX2; everywhere else `frames` does the same with OpenCV.
 *
 * Kernel: cubic convolution with a = -0.75 (R. Keys, 1981, equation 15), as OpenCV's INTER_CUBIC. Source samples are
 * signed 16-bit integers, code values times 64; a row is first mixed out of four (coefficients in Q15), then each pixel
 * out of four columns of that row. Nothing is rounded to a code value before the very end.
 *
 * What takes time is fetching: the rows from the third-level cache, so the next one is asked for ahead of time, and the
 * columns from all over a row, so that four pixels' are taken out of one 16-byte load by a shuffle.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

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

/* Where each of `count` pixels looks: their centres lie at start + (n + 0.5) * scale - 0.5. -1 if outside `limit`. */
static int look(Axis axis, Py_ssize_t count, double start, double scale, Py_ssize_t limit) {
    const double a = -0.75;
    for (Py_ssize_t n = 0; n < count; n++) {
        const double place = start + ((double)n + 0.5) * scale - 0.5;
        if (!(place >= 1.0 && place < (double)(limit - TAPS + 2))) return -1;
        const int32_t whole = (int32_t)place;
        const double p = place - whole, q = 1.0 - p;
        /* The cubic at distances 1 + p, p, q and 1 + q. */
        const double cubic[TAPS] = {a * p * q * q, ((a + 2.0) * p - (a + 3.0)) * p * p + 1.0,
                                    ((a + 2.0) * q - (a + 3.0)) * q * q + 1.0, a * q * p * p};
        int32_t weights[TAPS], sum = 0;
        for (int tap = 0; tap < TAPS; tap++) {
            weights[tap] = (int32_t)(cubic[tap] * ONE + (ONE + 0.5)) - ONE; /* rounded: above zero, it is cut off */
            sum += weights[tap];
        }
        weights[p < 0.5 ? 1 : 2] += ONE - sum; /* flat areas stay what they are */
        for (int tap = 0; tap < TAPS; tap++)
            axis.weights[n * TAPS + tap] = (int16_t)(weights[tap] < ONE ? weights[tap] : ONE - 1);
        axis.first[n] = whole - 1;
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
        if (n % 32 == 0) _mm_prefetch((const char *)(rows + TAPS * stride + n), _MM_HINT_T0);
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

/* The four samples of each of eight pixels, taken out of a row by a shuffle of 16 bytes: the first two of the pixels
 * 0..3 and 4..7, then with the same shuffle the last two, which lie two samples further right. */
typedef struct {
    int32_t at[2];
    int8_t shuffle[2][16];
    int16_t first[16], last[16]; /* weights */
} Eight;

/* Fills `eights` for `count` pixels; for how many of them, as far as 16 bytes hold what four of them look at. */
static Py_ssize_t take_apart(Axis axis, Eight *eights, Py_ssize_t count) {
    Py_ssize_t done = 0;
    for (; done + 8 <= count; done += 8, eights++) {
        for (int n = 0; n < 8; n++) {
            const int half = n / 4, pixel = n % 4;
            const int32_t *places = axis.first + done + 4 * half, from = 2 * (places[pixel] - places[0]);
            if (from + 3 > 15) return done;
            for (int byte = 0; byte < 4; byte++) eights->shuffle[half][4 * pixel + byte] = (int8_t)(from + byte);
            memcpy(eights->first + 2 * n, axis.weights + TAPS * (done + n), 4);
            memcpy(eights->last + 2 * n, axis.weights + TAPS * (done + n) + 2, 4);
            eights->at[half] = places[0];
        }
    }
    return done;
}

/* Eight pixels as 32-bit sums, in order. */
AVX2 static inline __m256i eight(const int16_t *row, const Eight *e) {
#define HALF(half, n) _mm_loadu_si128((const __m128i *)(row + e->at[half] + (n)))
#define CELLS(n) _mm256_inserti128_si256(_mm256_castsi128_si256(HALF(0, n)), HALF(1, n), 1)
#define ALL(what) _mm256_loadu_si256((const __m256i *)(what))
    const __m256i a = _mm256_madd_epi16(_mm256_shuffle_epi8(CELLS(0), ALL(e->shuffle)), ALL(e->first));
    const __m256i b = _mm256_madd_epi16(_mm256_shuffle_epi8(CELLS(2), ALL(e->shuffle)), ALL(e->last));
#undef ALL
#undef CELLS
#undef HALF
    return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_set1_epi32(1 << (SHIFT - 1))), SHIFT);
}

AVX2 static void mix_columns(const int16_t *row, Axis axis, const Eight *eights, Py_ssize_t apart, uint8_t *out,
                             Py_ssize_t count) {
    Py_ssize_t n = 0;
    for (; n + 16 <= apart; n += 16, eights += 2) {
        const __m256i low = eight(row, eights), high = eight(row, eights + 1);
        const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
        const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
        _mm_storeu_si128((__m128i *)(out + n), bytes);
    }
    for (; n < count; n++) {
        int32_t sum = 1 << (SHIFT - 1);
        for (int tap = 0; tap < TAPS; tap++) sum += row[axis.first[n] + tap] * axis.weights[TAPS * n + tap];
        sum >>= SHIFT;
        out[n] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
    }
}

static void sample(Source from, Axis across, Axis down, Eight *eights, int16_t *row, uint8_t *out, Py_ssize_t stride,
                   Py_ssize_t height, Py_ssize_t width) {
    const int32_t left = across.first[0];
    const Py_ssize_t columns = across.first[width - 1] + TAPS - left;
    for (Py_ssize_t n = 0; n < width; n++) across.first[n] -= left;
    const Py_ssize_t apart = take_apart(across, eights, width);
    for (Py_ssize_t y = 0; y < height; y++) {
        mix_rows(from.cells + down.first[y] * from.stride + left, from.stride, down.weights + TAPS * y, row, columns);
        mix_columns(row, across, eights, apart, out + y * stride, width);
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
    /* One piece of memory, the largest things first: groups of pixels, both axes' places, their weights, and a row
     * (never wider than the plane), of which up to 16 bytes more than it holds are read and not used. */
    const Py_ssize_t places = height + width;
    Eight *eights = PyMem_Malloc((size_t)(width / 8) * sizeof(Eight) + (size_t)places * (4 + 2 * TAPS) +
                                 (size_t)(from.width + 16) * 2);
    if (eights == NULL) return PyErr_NoMemory();
    int32_t *const first = (int32_t *)(eights + width / 8);
    int16_t *const weights = (int16_t *)(first + places), *const row = weights + TAPS * places;
    const Axis across = {first, weights}, down = {first + width, weights + TAPS * width};
    const int inside = look(across, width, x, scale, from.width) == 0 && look(down, height, y, scale, from.height) == 0;
    if (inside) {
        Py_BEGIN_ALLOW_THREADS;
        sample(from, across, down, eights, row, out->buf, out->strides[0], height, width);
        Py_END_ALLOW_THREADS;
    } else {
        PyErr_SetString(PyExc_ValueError, "the window reaches beyond the plane");
    }
    PyMem_Free(eights);
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
