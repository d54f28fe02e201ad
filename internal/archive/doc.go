// Package archive reads the platforms' own data exports and brings them into the house as past.
package archive
