// Package static serves the desk's own styles, script, fonts and icons under addresses that change with their content.
package static
