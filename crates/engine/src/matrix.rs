//! The one matrix product, with bounds checked before the pointers are handed on.

/// A read-only matrix inside a slice, at any stride.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

/// The matrix a product is written to; its rows never overlap.
pub(crate) struct ViewMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

fn assert_inside(length: usize, rows: usize, cols: usize, row_stride: usize) {
    assert!(cols <= row_stride || rows <= 1, "rows of a matrix overlap");
    let last = if rows == 0 || cols == 0 { 0 } else { (rows - 1) * row_stride + cols };
    assert!(last <= length, "matrix of {rows}x{cols} at stride {row_stride} leaves a slice of {length}");
}

impl<'a> View<'a> {
    /// `rows` × `cols` values, row after row, `row_stride` values apart.
    pub(crate) fn strided(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_inside(data.len(), rows, cols, row_stride);
        Self { data, rows, cols, row_stride, col_stride: 1 }
    }

    /// `rows` × `cols` values without gaps.
    pub(crate) fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        Self::strided(data, rows, cols, cols)
    }

    /// The transpose, without moving anything.
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }
}

impl<'a> ViewMut<'a> {
    /// `rows` × `cols` values, row after row, `row_stride` values apart.
    pub(crate) fn strided(data: &'a mut [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        assert_inside(data.len(), rows, cols, row_stride);
        Self { data, rows, cols, row_stride }
    }

    /// `rows` × `cols` values without gaps.
    pub(crate) fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        Self::strided(data, rows, cols, cols)
    }

    /// `self = scale · a b`.
    pub(crate) fn set(self, scale: f32, a: View<'_>, b: View<'_>) {
        self.product(false, scale, a, b);
    }

    /// `self += scale · a b`.
    pub(crate) fn add(self, scale: f32, a: View<'_>, b: View<'_>) {
        self.product(true, scale, a, b);
    }

    #[allow(unsafe_code)]
    fn product(self, keep: bool, scale: f32, a: View<'_>, b: View<'_>) {
        assert!(a.rows == self.rows && b.cols == self.cols && a.cols == b.rows, "shapes do not match");
        // SAFETY: the constructors proved that every index below rows and cols at these strides lies inside
        // its slice (a transpose swaps both pairs), the shapes agree, the output is borrowed uniquely and
        // its rows do not overlap. Strides are below the slice's length and so fit isize.
        unsafe {
            gemm::gemm(
                self.rows,
                self.cols,
                a.cols,
                self.data.as_mut_ptr(),
                1,
                self.row_stride as isize,
                keep,
                a.data.as_ptr(),
                a.col_stride as isize,
                a.row_stride as isize,
                b.data.as_ptr(),
                b.col_stride as isize,
                b.row_stride as isize,
                1.0,
                scale,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_transposes_and_strides_agree_with_the_definition() {
        let a: Vec<f32> = (0..15).map(|x| x as f32 - 6.0).collect();
        let b: Vec<f32> = (0..12).map(|x| (x as f32).sin()).collect();
        let mut c = vec![1.0; 5 * 7];
        // a is 3x5 read as its transpose, b is 3x4; c is 5x4 at stride 7.
        ViewMut::strided(&mut c, 5, 4, 7).add(0.5, View::new(&a, 3, 5).t(), View::new(&b, 3, 4));
        for i in 0..5 {
            for j in 0..7 {
                let product: f32 = (0..3).map(|k| a[k * 5 + i] * b[k * 4 + j.min(3)]).sum();
                let expected = if j < 4 { 1.0 + 0.5 * product } else { 1.0 };
                assert!((c[i * 7 + j] - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    #[should_panic(expected = "leaves a slice")]
    fn a_view_past_its_slice_is_refused() {
        View::new(&[0.0; 5], 2, 3);
    }
}
