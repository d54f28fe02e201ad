// Package site speaks to a company's own web site: its feed, or WordPress.
package site
