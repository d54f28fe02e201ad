// Package fetch reads the open web without being tricked into reading what it must not.
package fetch
