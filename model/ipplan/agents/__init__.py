"""Who acts, as columns: applicants, agencies, examiners."""
