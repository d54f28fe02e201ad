// Package reach knows who is tied to whom round the company, says whom to involve, and measures whether it came true.
package reach
