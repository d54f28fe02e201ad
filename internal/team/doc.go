// Package team knows companies, members, roles and what they may do, and remembers who did what.
package team
