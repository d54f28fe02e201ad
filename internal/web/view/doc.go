// Package view draws the desk: the components, the layouts, the pages.
package view
