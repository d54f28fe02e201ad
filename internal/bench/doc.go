// Package bench measures the house at the size of a large company, each figure beside a baseline of the same run.
package bench
