// Package view draws the public pages: what became of criticism, the record, the personal link.
package view
