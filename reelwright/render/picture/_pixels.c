/* The two loops over pixels that every frame goes through, and for which OpenCV has nothing that fits: bicubic windows
 * into stills, and laying bitmaps over a picture. Built where there is a C compiler and used where the processor has
 * AVX2; everywhere else `sampling` and `overlay` do the same with OpenCV.
 *
 * `window` samples a plane through a window at any sub-pixel place in one pass over the memory. cv2.resize places its
 * window on whole pixels and needs an intermediate picture; this writes bytes straight into the encoder's frame, in
 * about a quarter of the time.
 *
 * Its kernel: cubic convolution with a = -0.75 (R. Keys, 1981, equation 15), as OpenCV's INTER_CUBIC. Source samples are
 * signed 16-bit integers, code values times 64; a row is first mixed out of four (coefficients in Q15), then each pixel
 * out of four columns of that row. Nothing is rounded to a code value before the very end.
 *
 * What takes time is fetching: the rows from the third-level cache, so the next one is asked for ahead of time, and the
 * columns from all over a row, so that the samples of several pixels are taken out of one load by a shuffle. AVX-512
 * does that for sixteen pixels at once, AVX2 for four; both give the same bits.
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
#define AVX512 __attribute__((target("avx512f,avx512bw")))
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

/* One pixel by itself. */
static uint8_t mix_one(const int16_t *cells, const int16_t *w) {
    int32_t sum = 1 << (SHIFT - 1);
    for (int tap = 0; tap < TAPS; tap++) sum += cells[tap] * w[tap];
    sum >>= SHIFT;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Where the samples of sixteen pixels are found, and their weights: for each pixel the first two of the four, then the
 * last two, which lie two samples further right, so that the same shuffle finds them there. */
typedef struct {
    int32_t at[4];       /* where the first of each four pixels looks: what AVX2 loads 16 bytes from, AVX-512 64 */
    int8_t bytes[4][16]; /* for each four pixels, which bytes of the load at their own place */
    int16_t words[32];   /* for all sixteen, which samples of the load at the first one's place */
    int16_t first[32], last[32];
} Sixteen;

/* Fills `groups` for `count` pixels; for how many of them, as far as one load holds what it must. */
static Py_ssize_t take_apart(Axis axis, Sixteen *groups, Py_ssize_t count) {
    Py_ssize_t done = 0;
    for (; done + 16 <= count; done += 16, groups++) {
        for (int n = 0; n < 16; n++) {
            const int four = n / 4;
            const int32_t *places = axis.first + done;
            const int32_t near = places[n] - places[4 * four], far = places[n] - places[0];
            if (2 * near + 3 > 15 || far + 1 > 31) return done;
            groups->at[four] = places[4 * four];
            for (int byte = 0; byte < 4; byte++) groups->bytes[four][n % 4 * 4 + byte] = (int8_t)(2 * near + byte);
            for (int tap = 0; tap < 2; tap++) {
                groups->words[2 * n + tap] = (int16_t)(far + tap);
                groups->first[2 * n + tap] = axis.weights[TAPS * (done + n) + tap];
                groups->last[2 * n + tap] = axis.weights[TAPS * (done + n) + 2 + tap];
            }
        }
    }
    return done;
}

#define ALL(what) _mm256_loadu_si256((const __m256i *)(what))
/* Eight pixels, the first or the second of a group, as 32-bit sums. */
AVX2 static inline __m256i eight(const int16_t *row, const Sixteen *g, int second) {
    const __m256i shuffle = ALL(g->bytes[2 * second]);
#define HALF(n, off) _mm_loadu_si128((const __m128i *)(row + g->at[2 * second + (n)] + (off)))
#define CELLS(off) _mm256_inserti128_si256(_mm256_castsi128_si256(HALF(0, off)), HALF(1, off), 1)
    const __m256i a = _mm256_madd_epi16(_mm256_shuffle_epi8(CELLS(0), shuffle), ALL(g->first + 16 * second));
    const __m256i b = _mm256_madd_epi16(_mm256_shuffle_epi8(CELLS(2), shuffle), ALL(g->last + 16 * second));
#undef CELLS
#undef HALF
    return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_set1_epi32(1 << (SHIFT - 1))), SHIFT);
}

AVX2 static void sixteens_avx2(const int16_t *row, const Sixteen *groups, uint8_t *out, Py_ssize_t count) {
    for (Py_ssize_t n = 0; n < count; n += 16, groups++) {
        const __m256i words = _mm256_packs_epi32(eight(row, groups, 0), eight(row, groups, 1));
        const __m256i sorted = _mm256_permute4x64_epi64(words, 0xD8);
        const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(sorted), _mm256_extracti128_si256(sorted, 1));
        _mm_storeu_si128((__m128i *)(out + n), bytes);
    }
}

AVX512 static void sixteens_avx512(const int16_t *row, const Sixteen *groups, uint8_t *out, Py_ssize_t count) {
    const __m512i half = _mm512_set1_epi32(1 << (SHIFT - 1));
    for (Py_ssize_t n = 0; n < count; n += 16, groups++) {
        const int16_t *cells = row + groups->at[0];
        const __m512i words = _mm512_loadu_si512(groups->words);
#define CELLS(off) _mm512_permutexvar_epi16(words, _mm512_loadu_si512(cells + (off)))
        const __m512i a = _mm512_madd_epi16(CELLS(0), _mm512_loadu_si512(groups->first));
        const __m512i b = _mm512_madd_epi16(CELLS(2), _mm512_loadu_si512(groups->last));
#undef CELLS
        const __m512i sums = _mm512_srai_epi32(_mm512_add_epi32(_mm512_add_epi32(a, b), half), SHIFT);
        const __m128i bytes = _mm512_cvtusepi32_epi8(_mm512_max_epi32(sums, _mm512_setzero_si512()));
        _mm_storeu_si128((__m128i *)(out + n), bytes);
    }
}
#undef ALL

/* Chosen once, when the module is loaded. */
static void (*sixteens)(const int16_t *, const Sixteen *, uint8_t *, Py_ssize_t) = sixteens_avx2;

static void sample(Source from, Axis across, Axis down, Sixteen *groups, int16_t *row, uint8_t *out, Py_ssize_t stride,
                   Py_ssize_t height, Py_ssize_t width) {
    const int32_t left = across.first[0];
    const Py_ssize_t columns = across.first[width - 1] + TAPS - left;
    for (Py_ssize_t n = 0; n < width; n++) across.first[n] -= left;
    const Py_ssize_t apart = take_apart(across, groups, width);
    for (Py_ssize_t y = 0; y < height; y++) {
        mix_rows(from.cells + down.first[y] * from.stride + left, from.stride, down.weights + TAPS * y, row, columns);
        uint8_t *line = out + y * stride;
        sixteens(row, groups, line, apart);
        for (Py_ssize_t x = apart; x < width; x++) line[x] = mix_one(row + across.first[x], across.weights + TAPS * x);
    }
}

/* Blinn's division by 255, rounded (J. Blinn, "Three Wrongs Make a Right", 1995): exact for products of two bytes. */
static uint8_t laid(uint8_t under, uint8_t colour, uint8_t keep) {
    const uint32_t product = (uint32_t)under * keep + 128, sum = ((product + (product >> 8)) >> 8) + colour;
    return (uint8_t)(sum < 255 ? sum : 255);
}

AVX2 static void lay_row(uint8_t *out, const uint8_t *colour, const uint8_t *keep, Py_ssize_t count) {
    const __m256i half = _mm256_set1_epi16(128);
    Py_ssize_t n = 0;
    for (; n + 16 <= count; n += 16) {
#define WIDE(what) _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)((what) + n)))
        const __m256i product = _mm256_add_epi16(_mm256_mullo_epi16(WIDE(out), WIDE(keep)), half);
        const __m256i kept = _mm256_srli_epi16(_mm256_add_epi16(product, _mm256_srli_epi16(product, 8)), 8);
        const __m256i sum = _mm256_add_epi16(kept, WIDE(colour));
#undef WIDE
        const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        _mm_storeu_si128((__m128i *)(out + n), bytes);
    }
    for (; n < count; n++) out[n] = laid(out[n], colour[n], keep[n]);
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
     * (never wider than the plane), of which up to a load more than it holds is read, and not used. */
    const Py_ssize_t places = height + width;
    Sixteen *groups = PyMem_Malloc((size_t)(width / 16) * sizeof(Sixteen) + (size_t)places * (4 + 2 * TAPS) +
                                   (size_t)(from.width + 34) * 2);
    if (groups == NULL) return PyErr_NoMemory();
    int32_t *const first = (int32_t *)(groups + width / 16);
    int16_t *const weights = (int16_t *)(first + places), *const row = weights + TAPS * places;
    const Axis across = {first, weights}, down = {first + width, weights + TAPS * width};
    const int inside = look(across, width, x, scale, from.width) == 0 && look(down, height, y, scale, from.height) == 0;
    if (inside) {
        Py_BEGIN_ALLOW_THREADS;
        sample(from, across, down, groups, row, out->buf, out->strides[0], height, width);
        Py_END_ALLOW_THREADS;
    } else {
        PyErr_SetString(PyExc_ValueError, "the window reaches beyond the plane");
    }
    PyMem_Free(groups);
    if (!inside) return NULL;
    Py_RETURN_NONE;
#else
    PyErr_SetString(PyExc_NotImplementedError, "there is no kernel for this processor");
    return NULL;
#endif
}

static PyObject *pixels_window(PyObject *module, PyObject *args) {
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

static PyObject *lay(Py_buffer *out, Py_buffer *colour, Py_buffer *keep) {
#if HAVE_KERNEL
    if (!usable(out, 1, "the picture") || !usable(colour, 1, "the colour") || !usable(keep, 1, "what is kept"))
        return NULL;
    for (int n = 0; n < 2; n++)
        if (out->shape[n] != colour->shape[n] || out->shape[n] != keep->shape[n]) {
            PyErr_SetString(PyExc_ValueError, "the three must be of one size");
            return NULL;
        }
#define ROW(view) ((uint8_t *)(view)->buf + y * (view)->strides[0])
    for (Py_ssize_t y = 0; y < out->shape[0]; y++) lay_row(ROW(out), ROW(colour), ROW(keep), out->shape[1]);
#undef ROW
    Py_RETURN_NONE;
#else
    PyErr_SetString(PyExc_NotImplementedError, "there is no kernel for this processor");
    return NULL;
#endif
}

static PyObject *pixels_lay(PyObject *module, PyObject *args) {
    PyObject *given[3], *result = NULL;
    Py_buffer views[3];
    int held = 0;
    if (!PyArg_ParseTuple(args, "OOO:lay", &given[0], &given[1], &given[2])) return NULL;
    for (; held < 3; held++)
        if (PyObject_GetBuffer(given[held], &views[held], held ? PyBUF_STRIDED_RO : PyBUF_STRIDED | PyBUF_WRITABLE))
            break;
    if (held == 3) result = lay(&views[0], &views[1], &views[2]);
    while (held-- > 0) PyBuffer_Release(&views[held]);
    return result;
}

static PyObject *pixels_use(PyObject *module, PyObject *name) {
#if HAVE_KERNEL
    const char *wanted = PyUnicode_AsUTF8AndSize(name, NULL);
    if (wanted == NULL) return NULL;
    if (strcmp(wanted, "avx512") == 0 && __builtin_cpu_supports("avx512bw")) {
        sixteens = sixteens_avx512;
        Py_RETURN_TRUE;
    }
    if (strcmp(wanted, "avx2") == 0 && __builtin_cpu_supports("avx2")) {
        sixteens = sixteens_avx2;
        Py_RETURN_TRUE;
    }
#endif
    Py_RETURN_FALSE;
}

static PyMethodDef METHODS[] = {
    {"window", pixels_window, METH_VARARGS,
     "window(plane, x, y, scale, out): writes what a window of `out`'s size shows of `plane`, its corner at (x, y) and "
     "`scale` source pixels to a pixel. Raises ValueError where it would reach beyond the plane."},
    {"lay", pixels_lay, METH_VARARGS,
     "lay(picture, colour, keep): picture * keep / 255 + colour, in place, for planes of bytes of one size."},
    {"use", pixels_use, METH_O,
     "use(name): from now on samples with 'avx2' or 'avx512'. Whether this processor can; if not, nothing changes."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_pixels", "Loops over pixels.", -1, METHODS,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__pixels(void) { return PyModule_Create(&MODULE); }
