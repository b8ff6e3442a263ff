"""The study of measures: each alone at five strengths, placebos, and the ten strongest in pairs.

A world is the history without the measures under study (else a plan would only add to what is in force), with them from
January 2021 on. Plan and baseline share their draws, so effects are paired. The signs that are found verify the code
against what the schema declares; they are no evidence about the world.
"""
