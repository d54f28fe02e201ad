// Package sheet reads the tables that people make in spreadsheets.
package sheet
