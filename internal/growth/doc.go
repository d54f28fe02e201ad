// Package growth turns criticism into cases with a public, checkable outcome.
package growth
