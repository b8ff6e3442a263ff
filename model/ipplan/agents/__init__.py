"""Who acts: applicants, agencies and examiners as columns; provinces and the national office as mesa agents."""
