//! Small symmetric matrices.
#![allow(clippy::indexing_slicing)] // every index is below the size, which is that of the rows

/// A symmetric matrix by its eigenvalues.
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    /// One eigenvector per value.
    pub(super) vectors: Vec<Vec<f64>>,
}

/// Eigenvalues and eigenvectors by Jacobi's rotations (Golub & Van Loan, *Matrix Computations*, 8.5).
pub(super) fn eigen(matrix: &[Vec<f64>]) -> Eigen {
    let n = matrix.len();
    let mut m = matrix.to_vec();
    let mut v: Vec<Vec<f64>> = (0..n).map(|i| unit(n, i)).collect();
    // Convergence is quadratic: a matrix of this size takes about eight sweeps.
    for _ in 0..40 {
        let mut off = 0.0;
        for (i, row) in m.iter().enumerate() {
            off += row.iter().skip(i + 1).map(|x| x * x).sum::<f64>();
        }
        if off.is_nan() || off == 0.0 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if m[p][q] == 0.0 {
                    continue;
                }
                let theta = (m[q][q] - m[p][p]) / (2.0 * m[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in &mut m {
                    let (at_p, at_q) = (row[p], row[q]);
                    row[p] = c * at_p - s * at_q;
                    row[q] = s * at_p + c * at_q;
                }
                turn(&mut m, (p, q), (c, s));
                turn(&mut v, (p, q), (c, s));
                m[p][q] = 0.0;
                m[q][p] = 0.0;
            }
        }
    }
    let values = (0..n).map(|i| m[i][i]).collect();
    Eigen { values, vectors: v }
}

/// Rotates two rows, the first above the second.
fn turn(rows: &mut [Vec<f64>], (p, q): (usize, usize), (c, s): (f64, f64)) {
    let (low, high) = rows.split_at_mut(q);
    for (x, y) in low[p].iter_mut().zip(&mut high[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

fn unit(n: usize, at: usize) -> Vec<f64> {
    (0..n).map(|i| if i == at { 1.0 } else { 0.0 }).collect()
}

impl Eigen {
    /// Whether every eigenvalue is above 0 by more than rounding leaves.
    pub(super) fn is_positive(&self) -> bool {
        let largest = self.values.iter().copied().fold(0.0, f64::max);
        largest.is_finite() && self.values.iter().all(|&value| value > 1e-11 * largest)
    }

    /// The inverse of the matrix.
    pub(super) fn inverse(&self) -> Vec<Vec<f64>> {
        let n = self.values.len();
        let entry = |i: usize, j: usize| {
            let parts = self.values.iter().zip(&self.vectors);
            parts.map(|(value, v)| v[i] * v[j] / value).sum()
        };
        (0..n)
            .map(|i| (0..n).map(|j| entry(i, j)).collect())
            .collect()
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

pub(super) fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// The rows and columns kept.
pub(super) fn part(matrix: &[Vec<f64>], keep: &[usize]) -> Vec<Vec<f64>> {
    let row = |&i: &usize| keep.iter().map(|&j| matrix[i][j]).collect();
    keep.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_times_the_matrix_is_one() {
        let matrix = vec![
            vec![4.0, 1.0, 0.5],
            vec![1.0, 3.0, -0.2],
            vec![0.5, -0.2, 2.0],
        ];
        let found = eigen(&matrix);
        assert!(found.is_positive());
        let inverse = found.inverse();
        for (i, row) in inverse.iter().enumerate() {
            for (j, x) in times(&matrix, row).iter().enumerate() {
                let one = if i == j { 1.0 } else { 0.0 };
                assert!((x - one).abs() < 1e-14, "{i} {j} {x}");
            }
        }
        assert!(!eigen(&[vec![1.0, 2.0], vec![2.0, 1.0]]).is_positive());
    }
}
