// Package record is the vocabulary of the public record, with the figures that follow from it.
package record
