// Package search indexes text and finds it the same way on both databases.
package search
