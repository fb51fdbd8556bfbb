// Made by test/quality/qa/learn; how is said there.

package qa

// cutSpaced weighs whether the end is missing.
var cutSpaced = weights{bias: -3.352, of: Evidence{
	1.369, -3.178, 3.179, 1.030, -0.101, 0.514, 1.881, -1.032,
	5.145, 0.058, -2.455, 1.027, -1.399, 0.805, -1.264, -1.063,
	-0.809, -0.093, -0.353, 3.349, 5.652,
}}

// cutLimitSpaced: 67.5 % of the planted faults are above it.
const cutLimitSpaced = 2.17

// otherSpaced weighs whether it is another text's.
var otherSpaced = weights{bias: -3.078, of: Evidence{
	-0.020, 0.291, 1.799, 0.545, 2.920, 1.222, 1.496, -0.389,
	0.040, 0.909, 0.968, 1.892, 0.350, -0.083, 0.202, -2.072,
	-1.457, -0.379, -0.330, -1.244, 3.079,
}}

// otherLimitSpaced: 74.3 % of the planted faults are above it.
const otherLimitSpaced = -0.22

// cutUnspaced weighs whether the end is missing.
var cutUnspaced = weights{bias: -3.697, of: Evidence{
	1.450, -2.803, 2.448, 2.433, 3.727, 0.980, 0.412, -0.183,
	9.130, 0.835, -1.191, 1.532, 1.635, 1.021, -0.859, -1.386,
	-0.712, -0.139, -0.236, 2.829, 4.213,
}}

// cutLimitUnspaced: 49.7 % of the planted faults are above it.
const cutLimitUnspaced = 3.45

// otherUnspaced weighs whether it is another text's.
var otherUnspaced = weights{bias: -3.447, of: Evidence{
	-0.334, 0.477, 2.586, 2.825, 4.007, 0.830, 0.798, 0.126,
	0.000, 0.282, -0.257, 1.261, 1.529, 0.108, 1.069, -2.310,
	-1.937, -0.436, -0.393, 0.171, 2.001,
}}

// otherLimitUnspaced: 71.9 % of the planted faults are above it.
const otherLimitUnspaced = -0.38
