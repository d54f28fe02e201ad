// Package cli runs Ponte by hand.
package cli
