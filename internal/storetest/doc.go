// Package storetest gives each test a fresh, migrated database of its own, on SQLite always and on PostgreSQL when
// PONTE_TEST_POSTGRES names one.
package storetest
