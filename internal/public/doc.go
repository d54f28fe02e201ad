// Package public shows strangers what became of criticism, and the record that proves it.
package public
