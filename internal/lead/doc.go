// Package lead keeps forms, and the people who left a way to be reached, with what brought them and what became of it.
package lead
