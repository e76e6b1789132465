//! Numbers by feature and block: a column a feature, so that trees can judge many blocks at once.

/// Rows are padded to a multiple of this.
pub const LANES: usize = 16;

/// Columns of equal length.
#[derive(Debug, Default)]
pub struct Matrix {
    values: Vec<f32>,
    rows: usize,
    stride: usize,
    row: usize,
    column: usize,
}

impl Matrix {
    /// Begins anew for that many rows.
    pub fn start(&mut self, rows: usize) {
        self.values.clear();
        self.rows = rows;
        // An odd number of lanes keeps the columns from falling on the same lines of the cache.
        self.stride = (rows.div_ceil(LANES) | 1) * LANES;
        self.column = 0;
    }

    /// Begins to fill a row from a column on; [`Matrix::push`] then fills one column after another.
    pub fn row(&mut self, row: usize, column: usize) {
        self.row = row;
        self.column = column;
    }

    /// The next value of the row.
    pub fn push(&mut self, value: f32) {
        let at = self.column * self.stride + self.row;
        if self.values.len() < (self.column + 1) * self.stride {
            self.values.resize((self.column + 1) * self.stride, 0.0);
        }
        self.values[at] = value;
        self.column += 1;
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.values.len() / self.stride.max(1)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column, padded.
    pub fn column(&self, column: usize) -> &[f32] {
        &self.values[column * self.stride..(column + 1) * self.stride]
    }

    /// Rows with their padding.
    pub fn stride(&self) -> usize {
        self.stride
    }
}
