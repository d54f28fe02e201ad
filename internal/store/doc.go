// Package store opens the database and hides its dialect.
package store
