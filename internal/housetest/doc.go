// Package housetest builds the rooms on a test's own database, without doors and with workers that only work when told.
package housetest
