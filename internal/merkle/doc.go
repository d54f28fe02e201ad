// Package merkle keeps an append-only log that anyone can check.
package merkle
