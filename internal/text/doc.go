// Package text counts, folds, cuts and cleans human writing.
package text
