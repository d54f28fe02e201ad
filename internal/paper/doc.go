// Package paper writes pages for printing, as PDF that a screen reader can follow.
package paper
