// Package mailtest reads what a real mail server was handed, for tests.
package mailtest
