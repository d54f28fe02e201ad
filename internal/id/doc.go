// Package id mints and parses typed, time-ordered identifiers.
package id
