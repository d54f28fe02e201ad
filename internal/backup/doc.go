// Package backup keeps a copy of the whole house in one file and brings it back.
package backup
