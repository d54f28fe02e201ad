package text

import (
	"regexp"
	"slices"
	"strings"
)

var placeholder = regexp.MustCompile(`\{\{\s*([\p{L}\p{N}_.-]{1,40})\s*\}\}|\{\s*([\p{L}\p{N}_.-]{1,40})\s*\}`)

// Fill puts values in place of placeholders, written {name} or {{name}}; names are compared without regard to case
// and accents. A value is put in as it is and never looked through again. Placeholders without a value stay as they
// are and come back in unknown, each once, in their order, as written.
func Fill(template string, values map[string]string) (filled string, unknown []string) {
	folded := make(map[string]string, len(values))
	for k, v := range values {
		folded[Fold(k)] = v
	}
	filled = placeholder.ReplaceAllStringFunc(template, func(found string) string {
		name := strings.Trim(found, "{} \t\r\n")
		if v, ok := folded[Fold(name)]; ok {
			return v
		}
		if !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
		return found
	})
	return filled, unknown
}

// Placeholders names the placeholders of a template, each once, in their order.
func Placeholders(template string) []string {
	_, names := Fill(template, nil)
	return names
}
