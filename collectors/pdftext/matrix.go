package pdftext

import "math"

// matrix changes coordinates (§8.3.3).
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// after returns the matrix that does m first, and then the other.
func (m matrix) after(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// moved returns m with its origin elsewhere.
func (m matrix) moved(x, y float64) matrix { return matrix{1, 0, 0, 1, x, y}.after(m) }

// direction is that of the x axis, of length 1.
func (m matrix) direction() (x, y float64) {
	length := math.Hypot(m[0], m[1])
	if length == 0 || math.IsInf(length, 0) || math.IsNaN(length) {
		return 1, 0
	}
	return m[0] / length, m[1] / length
}

// height is how high something is that is 1 high.
func (m matrix) height() float64 { return math.Hypot(m[2], m[3]) }

func matrixOf(numbers []float64) matrix {
	if len(numbers) < 6 {
		return identity
	}
	return matrix(numbers[len(numbers)-6:])
}
