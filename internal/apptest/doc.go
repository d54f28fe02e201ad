// Package apptest runs the whole of Ponte for tests, in this process or in one that can be killed.
package apptest
