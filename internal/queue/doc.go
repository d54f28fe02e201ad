// Package queue records work inside a transaction and runs it later.
package queue
