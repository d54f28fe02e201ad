// Package live tells open browsers that something changed, across nodes.
package live
