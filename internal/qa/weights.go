// Made by test/quality/qa/learn; how is said there.

package qa

// cutSpaced weighs whether the end is missing.
var cutSpaced = weights{bias: -3.397, of: Evidence{
	1.492, -3.291, 3.239, 0.283, -0.466, 0.536, 1.905, -1.070,
	3.794, -0.019, -1.775, 1.737, -1.368, 0.673, -1.309, -1.173,
	-0.919, -0.101, -0.356, 3.379, 5.840,
}}

// cutLimitSpaced: 70.4 % of the planted faults are above it.
const cutLimitSpaced = 1.82

// otherSpaced weighs whether it is another text's.
var otherSpaced = weights{bias: -3.137, of: Evidence{
	0.016, 0.412, 2.263, 0.366, 2.273, 1.292, 1.500, -0.393,
	0.426, 0.866, 1.127, 2.587, 0.382, -0.419, 0.390, -2.106,
	-1.465, -0.355, -0.349, -1.315, 2.908,
}}

// otherLimitSpaced: 75.6 % of the planted faults are above it.
const otherLimitSpaced = -0.01

// cutUnspaced weighs whether the end is missing.
var cutUnspaced = weights{bias: -3.778, of: Evidence{
	1.564, -3.085, 2.015, 2.220, 2.235, 0.958, 0.954, -0.573,
	7.349, 1.237, -1.241, 1.447, -2.034, 0.969, -0.802, -1.265,
	-1.026, -0.169, -0.215, 2.729, 3.200,
}}

// cutLimitUnspaced: 48.2 % of the planted faults are above it.
const cutLimitUnspaced = 2.80

// otherUnspaced weighs whether it is another text's.
var otherUnspaced = weights{bias: -3.506, of: Evidence{
	0.043, 0.185, 1.736, 3.376, 5.002, 2.559, 0.678, 0.203,
	-1.099, 1.287, 0.102, 1.015, 2.286, 0.216, 0.953, -2.360,
	-2.102, -0.448, -0.374, -0.156, -2.733,
}}

// otherLimitUnspaced: 73.8 % of the planted faults are above it.
const otherLimitUnspaced = 0.01
